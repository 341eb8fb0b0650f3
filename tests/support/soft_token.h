#ifndef TESTS_SUPPORT_SOFT_TOKEN_H_
#define TESTS_SUPPORT_SOFT_TOKEN_H_

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/sanitized.h"
#include "tests/support/temp_dir.h"

#if SUYUAN_SANITIZED
// SoftHSM leaks what OpenSSL made of a key at each signature, and is unloaded when leaks are told.
// Only one file of a test program can include this header.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(misc-definitions-in-headers)
  return "leak:libcrypto.so\n";
}
#endif

namespace suyuan {

// Tokens of SoftHSM in a directory of their own. One in a process at a time: SoftHSM finds its
// directory by the environment.
class SoftTokens {
 public:
  static constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

  static bool Installed() { return std::filesystem::exists(kModule); }

  SoftTokens() {
    std::filesystem::create_directory(tokens());
    Write("softhsm2.conf", "directories.tokendir = " + tokens() + "\nlog.level = ERROR\n");
    setenv("SOFTHSM2_CONF", (dir_ / "softhsm2.conf").c_str(), 1);
    SetPin(kPin);
  }
  ~SoftTokens() { unsetenv("SOFTHSM2_CONF"); }

  // A new token of this name.
  bool Make(const std::string& label) {
    return InModule([&](CK_FUNCTION_LIST* module) {
      CK_SLOT_ID slots[16];
      CK_ULONG count = 16;
      std::string name = label;
      name.resize(32, ' ');
      // The last slot is always the one without a token.
      return module->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK && count > 0 &&
             module->C_InitToken(slots[count - 1], Bytes("1234"), 4, Bytes(name)) == CKR_OK &&
             InSession(module, label, CKU_SO, "1234", [&](CK_SESSION_HANDLE session) {
               return module->C_InitPIN(session, Bytes(kPin), sizeof kPin - 1) == CKR_OK;
             });
    });
  }

  // A new Ed25519 key on it.
  bool MakeKey(const std::string& label, const std::string& object, const std::string& id = "1") {
    return InModule([&](CK_FUNCTION_LIST* module) {
      return InSession(module, label, CKU_USER, kPin, [&](CK_SESSION_HANDLE session) {
        CK_BBOOL yes = CK_TRUE;
        CK_BBOOL no = CK_FALSE;
        // OID 1.3.101.112.
        std::string curve = "\x06\x03\x2b\x65\x70";
        std::string name = object;
        std::string number = id;
        CK_ATTRIBUTE of_public[] = {{CKA_EC_PARAMS, curve.data(), curve.size()},
                                    {CKA_TOKEN, &yes, sizeof yes},
                                    {CKA_VERIFY, &yes, sizeof yes},
                                    {CKA_PRIVATE, &no, sizeof no},
                                    {CKA_LABEL, name.data(), name.size()},
                                    {CKA_ID, number.data(), number.size()}};
        CK_ATTRIBUTE of_private[] = {
            {CKA_TOKEN, &yes, sizeof yes},         {CKA_SIGN, &yes, sizeof yes},
            {CKA_PRIVATE, &yes, sizeof yes},       {CKA_SENSITIVE, &yes, sizeof yes},
            {CKA_EXTRACTABLE, &no, sizeof no},     {CKA_LABEL, name.data(), name.size()},
            {CKA_ID, number.data(), number.size()}};
        CK_MECHANISM mechanism = {CKM_EC_EDWARDS_KEY_PAIR_GEN, nullptr, 0};
        CK_OBJECT_HANDLE handles[2];
        return module->C_GenerateKeyPair(session, &mechanism, of_public, std::size(of_public),
                                         of_private, std::size(of_private), &handles[0],
                                         &handles[1]) == CKR_OK;
      });
    });
  }

  // All tokens are pulled out, and put back.
  void PullOut() {
    std::filesystem::rename(tokens(), dir_ / "drawer");
    Sink();
  }
  void PutBack() {
    std::filesystem::remove_all(tokens());
    std::filesystem::rename(dir_ / "drawer", tokens());
  }

  // What the PIN file says.
  void SetPin(const std::string& pin) { Write("pin", pin + "\n"); }
  std::string pin_file() const { return dir_ / "pin"; }

  std::string Uri(const std::string& label, const std::string& object) const {
    return "pkcs11:token=" + label + ";object=" + object + "?module-path=" + kModule +
           "&pin-source=file:" + pin_file();
  }

 private:
  static constexpr char kPin[] = "very-secret-4711";

  std::string tokens() const { return dir_ / "tokens"; }
  void Sink() { std::filesystem::create_directory(tokens()); }

  void Write(const std::string& name, const std::string& text) {
    const std::string path = dir_ / name;
    std::filesystem::remove(path);
    std::ofstream(path) << text;
    chmod(path.c_str(), 0600);
  }

  static unsigned char* Bytes(const std::string& s) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(s.data()));
  }

  template <typename What>
  static bool InModule(const What& what) {
    CK_FUNCTION_LIST* const module = p11_kit_module_load(kModule, 0);
    if (module == nullptr) return false;
    const bool done = p11_kit_module_initialize(module) == CKR_OK && what(module);
    p11_kit_module_finalize(module);
    p11_kit_module_release(module);
    return done;
  }

  template <typename What>
  static bool InSession(CK_FUNCTION_LIST* module, std::string label, CK_USER_TYPE user,
                        const std::string& pin, const What& what) {
    label.resize(32, ' ');
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) return false;
    for (CK_ULONG i = 0; i < count; ++i) {
      CK_TOKEN_INFO info;
      if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
          label != std::string(reinterpret_cast<const char*>(info.label), sizeof info.label)) {
        continue;
      }
      CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
      bool done = module->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                        nullptr, &session) == CKR_OK;
      // A program is logged in with all its sessions.
      const CK_RV rv = done ? module->C_Login(session, user, Bytes(pin), pin.size()) : CKR_OK;
      done = done && (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) && what(session);
      module->C_CloseSession(session);
      return done;
    }
    return false;
  }

  TempDir dir_;
};

}  // namespace suyuan

#endif  // TESTS_SUPPORT_SOFT_TOKEN_H_
