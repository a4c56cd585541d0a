gruvsocks_add_test(threads LABELS network)
