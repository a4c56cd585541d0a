gruvsocks_add_test(gruvserverreentrancy LABELS network TIMEOUT 60)
