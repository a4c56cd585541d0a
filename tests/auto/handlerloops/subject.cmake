gruvsocks_add_test(handlerloops LABELS network)
