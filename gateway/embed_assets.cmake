# cmake -DASSETS=web/assets.txt -DROOT=web -DOUT=x.cc -DHEADER=gateway/http/assets.h
#   -DNAMESPACE=livecounter::gateway -DFUNCTION=EmbeddedAssets -P embed_assets.cmake
# Writes the C++ source that defines FUNCTION(), which HEADER declares, from the files that the lists ASSETS name:
# one a line, "URL path, file below ROOT, content type"; "#" starts a comment.
set(files "")
set(table "")
set(index 0)
foreach(list IN LISTS ASSETS)
  file(STRINGS "${list}" lines REGEX "^[^#]")
  foreach(line IN LISTS lines)
    # A content type may hold a semicolon, which separates the elements of a list too.
    string(REGEX MATCH "^([^ \t]+)[ \t]+([^ \t]+)[ \t]+(.+)$" matched "${line}")
    set(path "${CMAKE_MATCH_1}")
    set(content_type "${CMAKE_MATCH_3}")
    file(READ "${ROOT}/${CMAKE_MATCH_2}" bytes HEX)
    string(REGEX REPLACE "(..)" "\\\\x\\1" literal "${bytes}")
    string(LENGTH "${bytes}" digits)
    math(EXPR size "${digits} / 2")
    string(APPEND files "constexpr char kFile${index}[] = \"${literal}\";\n")
    string(APPEND table "    {\"${path}\", \"${content_type}\", absl::string_view(kFile${index}, ${size})},\n")
    math(EXPR index "${index} + 1")
  endforeach()
endforeach()
file(WRITE "${OUT}" "#include \"${HEADER}\"

namespace ${NAMESPACE} {
namespace {

${files}
constexpr livecounter::gateway::Asset kAssets[] = {
${table}};

}  // namespace

absl::Span<const livecounter::gateway::Asset> ${FUNCTION}() { return kAssets; }

}  // namespace ${NAMESPACE}
")
