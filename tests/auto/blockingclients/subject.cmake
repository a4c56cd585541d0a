gruvsocks_add_test(blockingclients LABELS network TIMEOUT 60)
