gruvsocks_add_test(handlerswaiting LABELS network TIMEOUT 60)
