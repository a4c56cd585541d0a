gruvsocks_add_test(startblocking LABELS network TIMEOUT 60)
