gruvsocks_add_test(clientherd LABELS network TIMEOUT 120)
# What others do beside it, it measures.
set_tests_properties(clientherd PROPERTIES RUN_SERIAL ON)
