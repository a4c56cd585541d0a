gruvsocks_add_test(handlersrestart LABELS network TIMEOUT 60)
