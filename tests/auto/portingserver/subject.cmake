gruvsocks_add_test(portingserver LABELS network TIMEOUT 60)
