gruvsocks_add_test(reentrancy LABELS network)
