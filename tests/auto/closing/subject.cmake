gruvsocks_add_test(closing LABELS network)
