// Compiles the headers of SUYUAN_PCH (CMakeLists.txt).
