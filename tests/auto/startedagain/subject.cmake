gruvsocks_add_test(startedagain LABELS network)
