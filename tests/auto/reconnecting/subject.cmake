gruvsocks_add_test(reconnecting LABELS network TIMEOUT 60)
