#include "api/exchange/tiles.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/tile.h"

namespace suyuan::exchange {

absl::StatusOr<std::string> ExportTiles(Engine* engine, const std::string& ledger,
                                        const std::string& directory, TreeHash tree,
                                        const ProgressFunction& progress) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string signed_note, engine->Checkpoint(ledger, tree));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(signed_note));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint head, merkle::ParseCheckpoint(note.text));
  SUYUAN_RETURN_IF_ERROR(MakeDirs(directory));
  const std::string checkpoint = directory + "/checkpoint";
  uint64_t from = 0;
  if (const absl::StatusOr<std::string> before = ReadFile(checkpoint); before.ok()) {
    const absl::StatusOr<merkle::Note> old_note = merkle::ParseNote(*before);
    if (!old_note.ok()) return InvalidArgument(checkpoint, ": ", old_note.status().message());
    SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint old, merkle::ParseCheckpoint(old_note->text));
    if (old.origin != head.origin || old.size > head.size) {
      return InvalidArgument(checkpoint, " is of ", old.origin, " with ", old.size,
                             " entries; expected a beginning of ", head.origin, " with ",
                             head.size);
    }
    from = old.size;
  }
  const std::vector<merkle::Tile> tiles = merkle::TilesOf(head.size, from);
  std::set<std::string> made;
  uint64_t done = 0;
  for (const merkle::Tile& tile : tiles) {
    if (progress && done % 256 == 0) progress({"export", done, tiles.size()});
    ++done;
    const std::string path = merkle::TilePath(tile);
    SUYUAN_ASSIGN_OR_RETURN(const std::string bytes, engine->ReadTile(ledger, path, tree));
    const std::string file = StrCat(directory, "/", path);
    const std::string parent = file.substr(0, file.rfind('/'));
    if (made.insert(parent).second) SUYUAN_RETURN_IF_ERROR(MakeDirs(parent));
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) return ErrnoStatus("write", file, errno);
  }
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(checkpoint, signed_note));
  return signed_note;
}

}  // namespace suyuan::exchange
