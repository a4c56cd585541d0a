gruvsocks_add_test(handlers LABELS network TIMEOUT 60)
