gruvsocks_add_test(sendqueue LABELS unit ROOMS framecodec sendqueue TIMEOUT 120)
target_sources(tst_sendqueue PRIVATE sendqueue/tst_sendqueue_random.cpp)
