gruvsocks_add_test(sending LABELS network)
