gruvsocks_add_test(threadstress LABELS network TIMEOUT 300)
