gruvsocks_add_test(handlersstop LABELS network TIMEOUT 60)
