gruvsocks_add_test(handlersdrain LABELS network TIMEOUT 60)
