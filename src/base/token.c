/* token.c - secrets, links and codes (see token.h). Passwords are in password.c.
 *
 * Links are computed from the installation key instead of stored, so that a later letter can carry
 * the same link again while the database holds only its hash. Numbers enter the HMAC in fixed
 * width, so that no two lists of numbers make the same bytes.
 */
#include "base/token.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TOKEN_BYTES = 16,
    CODE_LENGTH = 6, /* the random characters of a request's code: 30 bits */
    LONGEST_PREFIX = 12,
    REPLY_MAC_LENGTH = 13, /* a local part has 64 characters for all (RFC 5321, 4.5.3.1.1) */
    LONGEST_SECRET = 64,   /* of a session */
    ID_COUNT_BITS = 20,
    KEY_TEXT = 2 * sizeof(InstallationKey),
};

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void ready(void)
{
    static gsize is_ready = 0;
    if (g_once_init_enter(&is_ready)) {
        if (sodium_init() < 0)
            g_error("event=no_random_source");
        g_once_init_leave(&is_ready, 1);
    }
}

/* The canonical form of one character as people read it aloud or type it; 0 when it is none. */
static char fold(char typed)
{
    char c = g_ascii_toupper(typed);
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    return c && strchr(crockford, c) ? c : '\0';
}

static void base32(const guint8 *bytes, gsize length, char *text)
{
    guint32 bits = 0;
    guint n_bits = 0;
    for (gsize i = 0; i < length; i++) {
        bits = (bits << 8) | bytes[i];
        for (n_bits += 8; n_bits >= 5; n_bits -= 5)
            *text++ = crockford[(bits >> (n_bits - 5)) & 31];
    }
    if (n_bits)
        *text++ = crockford[(bits << (5 - n_bits)) & 31];
    *text = '\0';
}

static GFileError file_error(int code)
{
    return g_file_error_from_errno(code);
}

static bool fail(GError **error, const char *file, const char *what, int code)
{
    g_set_error(error, G_FILE_ERROR, file_error(code), "key file %s: %s: %s", file, what,
                g_strerror(code));
    return false;
}

static bool write_all(int fd, const char *text, gsize length)
{
    while (length) {
        gssize written = write(fd, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text += written;
        length -= (gsize)written;
    }
    return true;
}

static bool sync_folder_of(const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

/* A whole key under a name of its own, linked into place: a crash leaves no half key, and of two
 * processes that start together one wins. */
static bool key_create(const char *file, GError **error)
{
    guint8 bytes[sizeof(InstallationKey)];
    char text[KEY_TEXT + 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, KEY_TEXT + 1, bytes, sizeof bytes);
    text[KEY_TEXT] = '\n';

    g_autofree char *fresh = g_strdup_printf("%s.%08x", file, randombytes_random());
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(error, file, "cannot be made", errno);
    bool is_written = write_all(fd, text, KEY_TEXT + 1) && fsync(fd) == 0;
    int problem = errno;
    close(fd);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, sizeof text);
    if (is_written && link(fresh, file) != 0 && errno != EEXIST) {
        is_written = false;
        problem = errno;
    }
    g_unlink(fresh);
    if (!is_written || !sync_folder_of(file))
        return fail(error, file, "cannot be written", is_written ? errno : problem);
    return true;
}

static bool key_parse(const char *file, const char *text, gsize length, InstallationKey *key,
                      GError **error)
{
    gsize key_length = 0;
    while (length && g_ascii_isspace(text[length - 1]))
        length--;
    if (length == KEY_TEXT &&
        sodium_hex2bin(key->bytes, sizeof key->bytes, text, length, NULL, &key_length, NULL) == 0 &&
        key_length == sizeof key->bytes)
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "key file %s: must be %d hex digits", file,
                (int)KEY_TEXT);
    return false;
}

static bool key_read(int fd, const char *file, InstallationKey *key, GError **error)
{
    struct stat state;
    if (fstat(fd, &state) != 0)
        return fail(error, file, "cannot be read", errno);
    if (state.st_mode & 0027) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM,
                    "key file %s: others may read or change it (mode %04o): chmod 600", file,
                    (guint)state.st_mode & 07777);
        return false;
    }
    char text[KEY_TEXT + 8];
    gssize length;
    do
        length = read(fd, text, sizeof text);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return fail(error, file, "cannot be read", errno);
    bool is_key = key_parse(file, text, (gsize)length, key, error);
    sodium_memzero(text, sizeof text);
    return is_key;
}

bool token_key_load(const char *file, bool create, InstallationKey *key, GError **error)
{
    ready();
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && create) {
        if (!key_create(file, error))
            return false;
        fd = open(file, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        return fail(error, file, "cannot be opened", errno);
    bool is_read = key_read(fd, file, key, error);
    close(fd);
    return is_read;
}

static void link_token(const InstallationKey *key, const char *purpose, const guint64 *numbers,
                       gsize n_numbers, char token[TOKEN_LENGTH + 1])
{
    G_STATIC_ASSERT(sizeof key->bytes == crypto_auth_hmacsha256_KEYBYTES);
    guint8 mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    ready();
    crypto_auth_hmacsha256_init(&state, key->bytes, sizeof key->bytes);
    crypto_auth_hmacsha256_update(&state, (const guint8 *)purpose, strlen(purpose));
    for (gsize i = 0; i < n_numbers; i++) {
        guint64 number = GUINT64_TO_BE(numbers[i]);
        crypto_auth_hmacsha256_update(&state, (const guint8 *)&number, sizeof number);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    base32(mac, TOKEN_BYTES, token);
}

void token_for_request(const InstallationKey *key, gint64 request, gint64 person, guint generation,
                       char token[TOKEN_LENGTH + 1])
{
    guint64 numbers[] = {(guint64)request, (guint64)person, generation};
    link_token(key, "request", numbers, G_N_ELEMENTS(numbers), token);
}

void token_for_seat(const InstallationKey *key, gint64 participant, guint generation,
                    char token[TOKEN_LENGTH + 1])
{
    guint64 numbers[] = {(guint64)participant, generation};
    link_token(key, "seat", numbers, G_N_ELEMENTS(numbers), token);
}

static void reply_mac(const InstallationKey *key, gint64 request, guint generation,
                      char mac[REPLY_MAC_LENGTH + 1])
{
    char whole[TOKEN_LENGTH + 1];
    guint64 numbers[] = {(guint64)request, generation};
    link_token(key, "reply", numbers, G_N_ELEMENTS(numbers), whole);
    g_strlcpy(mac, whole, REPLY_MAC_LENGTH + 1);
}

/* Lower case, since some systems fold the local part before they deliver. */
char *token_reply_tag(const InstallationKey *key, const char *code, gint64 request,
                      guint generation)
{
    char mac[REPLY_MAC_LENGTH + 1];
    reply_mac(key, request, generation, mac);
    g_autofree char *tag = g_strdup_printf("r-%s.%s", code, mac);
    return g_ascii_strdown(tag, -1);
}

/* Where the MAC begins, NULL when the words have not the form of a tag. */
static const char *mac_of_tag(const char *tag)
{
    if (!tag || g_ascii_strncasecmp(tag, "r-", 2) != 0)
        return NULL;
    const char *dot = strrchr(tag, '.');
    return dot && strlen(dot + 1) == REPLY_MAC_LENGTH ? dot + 1 : NULL;
}

char *token_reply_code(const char *tag)
{
    const char *mac = mac_of_tag(tag);
    if (!mac)
        return NULL;
    g_autofree char *typed = g_strndup(tag + 2, (gsize)(mac - 1 - (tag + 2)));
    return token_request_code_parse(typed);
}

bool token_reply_matches(const InstallationKey *key, const char *tag, gint64 request,
                         guint generation)
{
    const char *typed = mac_of_tag(tag);
    char mac[REPLY_MAC_LENGTH + 1], folded[REPLY_MAC_LENGTH];
    if (!typed)
        return false;
    for (gsize i = 0; i < REPLY_MAC_LENGTH; i++)
        folded[i] = fold(typed[i]);
    reply_mac(key, request, generation, mac);
    return sodium_memcmp(mac, folded, REPLY_MAC_LENGTH) == 0;
}

bool token_hash(const char *token, char hash[65])
{
    char canonical[TOKEN_LENGTH];
    if (!token || strnlen(token, TOKEN_LENGTH + 1) != TOKEN_LENGTH)
        return false;
    for (gsize i = 0; i < TOKEN_LENGTH; i++) {
        canonical[i] = fold(token[i]);
        if (!canonical[i])
            return false;
    }
    guint8 digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const guint8 *)canonical, sizeof canonical);
    sodium_bin2hex(hash, 65, digest, sizeof digest);
    return true;
}

void token_random(char token[TOKEN_LENGTH + 1])
{
    guint8 bytes[TOKEN_BYTES];
    ready();
    randombytes_buf(bytes, sizeof bytes);
    base32(bytes, sizeof bytes, token);
}

/* Milliseconds, then 20 bits that start anywhere, so that two processes which write in the same
 * millisecond hardly meet. Rising, since a table's pages fill one after the other then; random ones
 * cost a changed page for each row. */
gint64 token_new_id(void)
{
    static GMutex mutex;
    static gint64 last, offset = -1;
    ready();
    g_mutex_lock(&mutex);
    if (offset < 0)
        offset = (gint64)randombytes_uniform(1 << ID_COUNT_BITS);
    const gint64 id = MAX(last + 1, (g_get_real_time() / 1000 << ID_COUNT_BITS) + offset);
    last = id;
    g_mutex_unlock(&mutex);
    return id;
}

char *token_request_code(const char *prefix)
{
    char random[CODE_LENGTH + 1];
    ready();
    guint32 bits = randombytes_random();
    for (gsize i = 0; i < CODE_LENGTH; i++, bits >>= 5)
        random[i] = crockford[bits & 31];
    random[CODE_LENGTH] = '\0';
    return g_strdup_printf("%s-%.4s-%s", prefix, random, random + 4);
}

/* What is left of `typed` without spaces and dashes of any script, in capitals; NULL when it is too
 * long or has anything but letters and digits. */
static char *letters_and_digits(const char *typed)
{
    char letters[LONGEST_PREFIX + CODE_LENGTH + 1];
    gsize length = 0;
    if (!g_utf8_validate(typed, -1, NULL))
        return NULL;
    for (; *typed; typed = g_utf8_next_char(typed)) {
        gunichar c = g_utf8_get_char(typed);
        if (g_unichar_isspace(c) || g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION)
            continue;
        if (c > 127 || !g_ascii_isalnum((char)c) || length + 1 >= sizeof letters)
            return NULL;
        letters[length++] = g_ascii_toupper((char)c);
    }
    letters[length] = '\0';
    return g_strdup(letters);
}

char *token_request_code_parse(const char *typed)
{
    g_autofree char *letters = typed ? letters_and_digits(typed) : NULL;
    gsize length = letters ? strlen(letters) : 0;
    if (length <= CODE_LENGTH)
        return NULL;
    char *random = letters + length - CODE_LENGTH;
    for (gsize i = 0; i < CODE_LENGTH; i++) {
        random[i] = fold(random[i]);
        if (!random[i])
            return NULL;
    }
    return g_strdup_printf("%.*s-%.4s-%s", (int)(length - CODE_LENGTH), letters, random,
                           random + 4);
}

char *token_csrf_mask(const char *secret)
{
    gsize length = strlen(secret);
    guint8 bytes[2 * LONGEST_SECRET];
    g_assert(length > 0 && length <= LONGEST_SECRET);
    ready();
    randombytes_buf(bytes, length);
    for (gsize i = 0; i < length; i++)
        bytes[length + i] = bytes[i] ^ (guint8)secret[i];

    gsize room = sodium_base64_encoded_len(2 * length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *masked = g_malloc(room);
    sodium_bin2base64(masked, room, bytes, 2 * length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return masked;
}

bool token_csrf_matches(const char *secret, const char *masked)
{
    gsize length = secret ? strlen(secret) : 0, masked_length = 0;
    guint8 bytes[2 * LONGEST_SECRET];
    if (!masked || length == 0 || length > LONGEST_SECRET)
        return false;
    ready();
    if (sodium_base642bin(bytes, sizeof bytes, masked, strlen(masked), NULL, &masked_length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        masked_length != 2 * length)
        return false;
    for (gsize i = 0; i < length; i++)
        bytes[i] ^= bytes[length + i];
    return sodium_memcmp(bytes, secret, length) == 0;
}
