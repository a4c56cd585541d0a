gruvsocks_add_test(badinput LABELS network TIMEOUT 120)
target_sources(tst_badinput PRIVATE
    badinput/tst_badinput_endings.cpp
    badinput/tst_badinput_memory.cpp)
