gruvsocks_add_test(handlersockets LABELS network TIMEOUT 60)
