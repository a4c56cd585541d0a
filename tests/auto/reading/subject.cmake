gruvsocks_add_test(reading LABELS network)
