// The numbers of the schemas are what is on disk: schema.golden pins them. With
// SUYUAN_UPDATE_GOLDEN=1 what is new is added to it; what has changed or gone is
// a fault all the same, and has to be taken out by hand by somebody who knows
// that no entry has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "lib/base/strings.h"
#include "suyuan/storage/v1/record.pb.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::events {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

const std::filesystem::path kSchemas = SUYUAN_SOURCE_DIR "/schemas";
const std::filesystem::path kGolden = SUYUAN_SOURCE_DIR "/tests/lib/events/schema.golden";

std::string TypeOf(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->full_name();
  if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
  return (field.is_repeated()            ? "repeated "
          : field.has_optional_keyword() ? "optional "
                                         : "") +
         type;
}

void Add(const FieldDescriptor& field, const std::string& scope, std::set<std::string>* lines) {
  lines->insert(StrCat(scope, ".", field.name(), " = ", field.number(), " ", TypeOf(field)));
}

void Add(const EnumDescriptor& type, std::set<std::string>* lines) {
  for (int i = 0; i < type.value_count(); ++i) {
    lines->insert(
        StrCat(type.full_name(), ".", type.value(i)->name(), " = ", type.value(i)->number()));
  }
}

void Add(const Descriptor& type, std::set<std::string>* lines) {
  for (int i = 0; i < type.field_count(); ++i) Add(*type.field(i), type.full_name(), lines);
  for (int i = 0; i < type.enum_type_count(); ++i) Add(*type.enum_type(i), lines);
  for (int i = 0; i < type.nested_type_count(); ++i) Add(*type.nested_type(i), lines);
}

// All our schemas. Those that neither Event nor Record leads to need a mention
// here, which links them.
std::set<std::string> Lines() {
  v1::Event::descriptor();
  storage::v1::Record::descriptor();
  std::set<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSchemas)) {
    if (entry.path().extension() != ".proto") continue;
    // Nothing of a service is stored; its schema is pinned beside the server.
    if (entry.path().stem().string().ends_with("_service")) continue;
    const std::string name = entry.path().lexically_relative(kSchemas).generic_string();
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) {
      ADD_FAILURE() << name << " is not linked into this test";
      continue;
    }
    for (int i = 0; i < file->message_type_count(); ++i) Add(*file->message_type(i), &lines);
    for (int i = 0; i < file->enum_type_count(); ++i) Add(*file->enum_type(i), &lines);
    for (int i = 0; i < file->extension_count(); ++i) {
      const FieldDescriptor& extension = *file->extension(i);
      Add(extension, extension.containing_type()->full_name(), &lines);
    }
  }
  return lines;
}

std::set<std::string> Golden() {
  std::set<std::string> lines;
  std::ifstream in(kGolden);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

TEST(SchemaTest, NumbersAndValuesStandForEver) {
  const std::set<std::string> now = Lines();
  std::set<std::string> golden = Golden();
  EXPECT_GT(now.size(), 300u);
  for (const std::string& line : golden) {
    EXPECT_EQ(now.count(line), 1u) << "changed or gone: " << line;
  }
  if (std::getenv("SUYUAN_UPDATE_GOLDEN") != nullptr) {
    golden.insert(now.begin(), now.end());
    std::ofstream out(kGolden);
    for (const std::string& line : golden) out << line << "\n";
  }
  for (const std::string& line : now) {
    EXPECT_EQ(golden.count(line), 1u) << "new, run with SUYUAN_UPDATE_GOLDEN=1: " << line;
  }
}

}  // namespace
}  // namespace suyuan::events
