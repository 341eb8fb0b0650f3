// Compiles the headers of SUYUAN_PCH, gtest and gmock.
