gruvsocks_add_test(delivery LABELS network)
