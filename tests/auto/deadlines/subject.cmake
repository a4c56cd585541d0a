gruvsocks_add_test(deadlines LABELS network)
