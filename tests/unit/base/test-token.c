/* test-token.c - links, codes, CSRF tokens, the key file and passwords.
 */
#include "base/token.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static InstallationKey counting_key(void)
{
    InstallationKey key;
    for (guint i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (guint8)i;
    return key;
}

/* Computed with Python's hmac and hashlib. */
static void links_are_hmac_sha256_in_crockford_base32(void)
{
    InstallationKey key = counting_key();
    char token[TOKEN_LENGTH + 1], hash[65];
    token_for_request(&key, 1, 2, 3, token);
    g_assert_cmpstr(token, ==, "EPG5RRFWZFV0QMR6XS19DT47EG");
    g_assert_true(token_hash(token, hash));
    g_assert_cmpstr(hash, ==, "8b7f0b218c94bd2d7109d3cb705289f7eb634675e9d2a8b4c3a803e71de9f563");
    token_for_seat(&key, 1, 2, token);
    g_assert_cmpstr(token, ==, "B62J9RWBJNE1DET8JS04RE09Z4");
}

static void every_number_changes_the_link(void)
{
    InstallationKey key = counting_key(), other = counting_key();
    other.bytes[31] ^= 1;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    static const struct {
        gint64 request, person;
        guint generation;
    } cases[] = {{1, 2, 3},   {2, 1, 3},   {1, 2, 4},        {1, 3, 3},
                 {256, 2, 3}, {1, 512, 3}, {1, 2, 1u << 31}, {G_MAXINT64, 2, 3}};
    char token[TOKEN_LENGTH + 1];
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        token_for_request(&key, cases[i].request, cases[i].person, cases[i].generation, token);
        g_assert_true(g_hash_table_add(seen, g_strdup(token)));
        token_for_request(&other, cases[i].request, cases[i].person, cases[i].generation, token);
        g_assert_true(g_hash_table_add(seen, g_strdup(token)));
    }
    token_for_seat(&key, 1, 2, token);
    g_assert_true(g_hash_table_add(seen, g_strdup(token)));
}

static void a_link_typed_by_hand_has_the_same_hash(void)
{
    char hash[65], other[65];
    g_assert_true(token_hash("0123456789ABCDEFGHJKMN0101", hash));
    g_assert_true(token_hash("oi23456789abcdefghjkmnOlol", other));
    g_assert_cmpstr(hash, ==, other);
    g_assert_true(token_hash("0123456789ABCDEFGHJKMN0100", other));
    g_assert_cmpstr(hash, !=, other);
}

static void what_is_no_token_has_no_hash(void)
{
    static const char *const wrong[] = {"",
                                        "0123456789ABCDEFGHJKMN010",
                                        "0123456789ABCDEFGHJKMN01011",
                                        "0123456789ABCDEFGHJKMN010U",
                                        "0123456789ABCDEFGHJKMN-101",
                                        "0123456789ABCDEFGHJKMN01\xc3\xa8"};
    char hash[65];
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(token_hash(wrong[i], hash));
    g_assert_false(token_hash(NULL, hash));
}

/* Computed with Python's hmac. */
static void a_reply_tag_is_a_code_and_a_short_mac_in_lower_case(void)
{
    InstallationKey key = counting_key();
    g_autofree char *tag = token_reply_tag(&key, "EDI-7K3M-Q2", 1, 3);
    g_assert_cmpstr(tag, ==, "r-edi-7k3m-q2.kwtpcft1y6ck3");
    g_autofree char *code = token_reply_code(tag);
    g_assert_cmpstr(code, ==, "EDI-7K3M-Q2");
    g_assert_true(token_reply_matches(&key, tag, 1, 3));
    g_assert_true(token_reply_matches(&key, "R-EDI-7K3M-Q2.KWTPCFTIY6CK3", 1, 3));
}

static void a_reply_tag_of_another_request_or_generation_or_key_does_not_match(void)
{
    InstallationKey key = counting_key(), other = counting_key();
    other.bytes[0] ^= 1;
    const char *tag = "r-edi-7k3m-q2.kwtpcft1y6ck3";
    g_assert_false(token_reply_matches(&key, tag, 2, 3));
    g_assert_false(token_reply_matches(&key, tag, 1, 4));
    g_assert_false(token_reply_matches(&other, tag, 1, 3));
    static const char *const wrong[] = {"",
                                        "r-",
                                        "r-.kwtpcft1y6ck3",
                                        "r-edi-7k3m-q2",
                                        "r-edi-7k3m-q2.",
                                        "r-edi-7k3m-q2.kwtpcft1y6ck",
                                        "r-edi-7k3m-q2.kwtpcft1y6ck33",
                                        "x-edi-7k3m-q2.kwtpcft1y6ck3",
                                        "r-edi-7k3m-q2.uuuuuuuuuuuuu",
                                        "EDI-7K3M-Q2"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *code = token_reply_code(wrong[i]);
        g_assert_true(!code || !token_reply_matches(&key, wrong[i], 1, 3));
    }
    g_assert_false(token_reply_matches(&key, NULL, 1, 3));
    g_assert_null(token_reply_code(NULL));
}

static void a_reply_tag_is_no_link(void)
{
    InstallationKey key = counting_key();
    char link[TOKEN_LENGTH + 1], hash[65];
    token_for_request(&key, 1, 2, 3, link);
    g_autofree char *folded = g_ascii_strdown(link, -1);
    g_autofree char *tag = token_reply_tag(&key, "EDI-7K3M-Q2", 1, 3);
    g_assert_false(token_hash(tag, hash));
    g_assert_null(strstr(folded, strrchr(tag, '.') + 1));
}

static void random_tokens_do_not_repeat(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < 10000; i++) {
        char token[TOKEN_LENGTH + 1], hash[65];
        token_random(token);
        g_assert_true(token_hash(token, hash));
        g_assert_true(g_hash_table_add(seen, g_strdup(token)));
    }
}

static gpointer many_identifiers(gpointer unused)
{
    (void)unused;
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < 100000; i++) {
        const gint64 id = token_new_id();
        g_array_append_val(ids, id);
    }
    return ids;
}

static void identifiers_rise_and_do_not_repeat(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    const gint64 before = g_get_real_time() / 1000;
    GThread *threads[4];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("identifiers", many_identifiers, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autoptr(GArray) ids = g_thread_join(threads[i]);
        gint64 last = before << 20;
        for (guint j = 0; j < ids->len; j++) {
            const gint64 id = g_array_index(ids, gint64, j);
            g_assert_cmpint(id, >=, last);
            g_assert_true(g_hash_table_add(seen, g_memdup2(&id, sizeof id)));
            last = id;
        }
    }
    g_assert_cmpint(token_new_id() >> 20, <=, g_get_real_time() / 1000 + 2);
}

static void a_request_code_reads_back_as_itself(void)
{
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *code = token_request_code("EDI");
        g_autofree char *parsed = token_request_code_parse(code);
        g_assert_true(
            g_regex_match_simple("^EDI-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$", code, 0, 0));
        g_assert_cmpstr(parsed, ==, code);
    }
}

static void a_code_is_understood_as_people_type_it(void)
{
    static const struct {
        const char *typed, *code;
    } cases[] = {
        {"EDI-7K3M-Q2", "EDI-7K3M-Q2"},
        {"edi-7k3m-q2", "EDI-7K3M-Q2"},
        {"  edi 7k3m q2\n", "EDI-7K3M-Q2"},
        {"EDI7K3MQ2", "EDI-7K3M-Q2"},
        {"EDI–7K3M—Q2", "EDI-7K3M-Q2"}, /* dashes of a word processor */
        {"EDI\u00a07K3M\u2011Q2", "EDI-7K3M-Q2"},
        {"edi-oil0-1o", "EDI-0110-10"}, /* in the prefix a letter stays a letter */
        {"LI0-0000-00", "LI0-0000-00"},
        {"A-1234-56", "A-1234-56"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *code = token_request_code_parse(cases[i].typed);
        g_assert_cmpstr(code, ==, cases[i].code);
    }
}

static void what_is_no_code_is_refused(void)
{
    static const char *const wrong[] = {
        "",       "7K3M-Q2",       "EDI-7K3M-U2",          "EDI-7K3M_Q2", "EDI/7K3M/Q2",
        "perché", "EDI-7K3M-\xff", "ABCDEFGHIJKLM-7K3M-Q2"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_null(token_request_code_parse(wrong[i]));
    g_assert_null(token_request_code_parse(NULL));
}

static void csrf_tokens_differ_each_time_and_all_match(void)
{
    char secret[TOKEN_LENGTH + 1], foreign[TOKEN_LENGTH + 1];
    token_random(secret);
    token_random(foreign);
    g_autofree char *first = token_csrf_mask(secret);
    g_autofree char *second = token_csrf_mask(secret);
    g_assert_cmpstr(first, !=, second);
    g_assert_null(strstr(first, secret));
    g_assert_true(token_csrf_matches(secret, first));
    g_assert_true(token_csrf_matches(secret, second));
    g_assert_false(token_csrf_matches(foreign, first));
}

static void altered_csrf_tokens_do_not_match(void)
{
    const char *secret = "0123456789ABCDEFGHJKMN0101";
    g_autofree char *masked = token_csrf_mask(secret);
    for (gsize i = 0; masked[i]; i++) {
        char right = masked[i];
        masked[i] = right == 'A' ? 'B' : 'A';
        if (masked[i + 1]) /* the last character has bits that mean nothing */
            g_assert_false(token_csrf_matches(secret, masked));
        masked[i] = right;
    }
    g_autofree char *longer = g_strconcat(masked, "AAAA", NULL);
    g_autofree char *endless = g_strnfill(100000, 'A');
    g_assert_false(token_csrf_matches(secret, longer));
    g_assert_false(token_csrf_matches(secret, endless));
    g_assert_false(token_csrf_matches(secret, ""));
    g_assert_false(token_csrf_matches(secret, NULL));
    g_assert_false(token_csrf_matches(NULL, masked));
    g_assert_false(token_csrf_matches("", ""));
}

typedef struct {
    char *folder, *file;
} Place;

static void place_make(Place *place, gconstpointer data)
{
    (void)data;
    place->folder = g_dir_make_tmp("sportello-key-XXXXXX", NULL);
    place->file = g_build_filename(place->folder, "key", NULL);
}

static void place_remove(Place *place, gconstpointer data)
{
    (void)data;
    g_unlink(place->file);
    g_assert_cmpint(g_rmdir(place->folder), ==, 0); /* and nothing else was left there */
    g_free(place->file);
    g_free(place->folder);
}

static void a_missing_key_is_made_once(Place *place, gconstpointer data)
{
    (void)data;
    InstallationKey first, second;
    g_autoptr(GError) error = NULL;
    g_assert_false(token_key_load(place->file, false, &first, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_clear_error(&error);

    g_assert_true(token_key_load(place->file, true, &first, &error));
    g_assert_no_error(error);
    struct stat state;
    g_assert_cmpint(stat(place->file, &state), ==, 0);
    g_assert_cmpuint(state.st_mode & 07777, ==, 0600);
    g_assert_cmpuint(state.st_nlink, ==, 1);

    g_assert_true(token_key_load(place->file, true, &second, &error));
    g_assert_cmpint(memcmp(first.bytes, second.bytes, sizeof first.bytes), ==, 0);
}

static void a_wrong_key_file_is_refused_and_kept(Place *place, gconstpointer data)
{
    (void)data;
    static const char *const wrong[] = {
        "", "secret\n", "0001020304",
        "zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00\n"};
    InstallationKey key;
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents_full(place->file, wrong[i], -1, 0, 0600, NULL));
        g_assert_false(token_key_load(place->file, true, &key, &error));
        g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
        g_assert_nonnull(strstr(error->message, place->file));
        g_autofree char *kept = NULL;
        g_assert_true(g_file_get_contents(place->file, &kept, NULL, NULL));
        g_assert_cmpstr(kept, ==, wrong[i]);
    }
}

static void a_key_that_others_may_read_is_refused(Place *place, gconstpointer data)
{
    (void)data;
    InstallationKey key;
    g_autoptr(GError) error = NULL;
    g_assert_true(token_key_load(place->file, true, &key, &error));
    g_assert_cmpint(g_chmod(place->file, 0644), ==, 0);
    g_assert_false(token_key_load(place->file, true, &key, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM);
    g_assert_nonnull(strstr(error->message, "chmod 600"));
}

static void a_key_that_cannot_be_made_says_where(void)
{
    InstallationKey key;
    g_autoptr(GError) error = NULL;
    g_assert_false(token_key_load("/nowhere/at/all/key", true, &key, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_nonnull(strstr(error->message, "/nowhere/at/all/key"));
}

static void passwords_match_themselves_alone(void)
{
    g_autofree char *hash = token_password_hash("corretto cavallo è");
    g_assert_true(g_str_has_prefix(hash, "$argon2id$v=19$m=65536,t=2,p=1$"));
    g_assert_true(token_password_matches(hash, "corretto cavallo è"));
    g_assert_false(token_password_matches(hash, "corretto cavallo e"));
    g_assert_false(token_password_matches(hash, ""));
    g_assert_false(token_password_matches("", "corretto cavallo è"));
    g_assert_false(token_password_matches(NULL, "corretto cavallo è"));
    g_assert_false(token_password_matches(hash, NULL));
}

/* kB of a line of /proc/self/status. */
static gint64 status_kb(const char *name)
{
    g_autofree char *status = NULL;
    g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    const char *line = strstr(status, name);
    g_assert_nonnull(line);
    return g_ascii_strtoll(line + strlen(name) + 1, NULL, 10);
}

static gpointer hash_once(gpointer data)
{
    return token_password_hash(data);
}

static void passwords_take_their_memory_one_at_a_time_and_give_it_back(void)
{
    gint64 before_kb = status_kb("VmRSS"), peak_before_kb;
    g_assert_true(g_file_set_contents_full("/proc/self/clear_refs", "5", 1,
                                           G_FILE_SET_CONTENTS_NONE, 0, NULL));
    peak_before_kb = status_kb("VmHWM");
    GThread *threads[4];
    char password[] = "parola d'ordine";
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("login", hash_once, password);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autofree char *hash = g_thread_join(threads[i]);
        g_assert_nonnull(hash);
    }
    gint64 peak_kb = status_kb("VmHWM") - peak_before_kb, kept_kb = status_kb("VmRSS") - before_kb;
    g_test_message("peak %" G_GINT64_FORMAT " kB, kept %" G_GINT64_FORMAT " kB", peak_kb, kept_kb);
    g_assert_cmpint(peak_kb, >=, 60000); /* the hash needs 64 MiB */
    g_assert_cmpint(peak_kb, <, 100000); /* two at once would need 128 MiB */
    g_assert_cmpint(kept_kb, <, 4000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/base/token/" #name, name)
#define FILE_CASE(name)                                                                            \
    g_test_add("/base/token/" #name, Place, NULL, place_make, name, place_remove)
    CASE(links_are_hmac_sha256_in_crockford_base32);
    CASE(every_number_changes_the_link);
    CASE(a_link_typed_by_hand_has_the_same_hash);
    CASE(what_is_no_token_has_no_hash);
    CASE(a_reply_tag_is_a_code_and_a_short_mac_in_lower_case);
    CASE(a_reply_tag_of_another_request_or_generation_or_key_does_not_match);
    CASE(a_reply_tag_is_no_link);
    CASE(random_tokens_do_not_repeat);
    CASE(identifiers_rise_and_do_not_repeat);
    CASE(a_request_code_reads_back_as_itself);
    CASE(a_code_is_understood_as_people_type_it);
    CASE(what_is_no_code_is_refused);
    CASE(csrf_tokens_differ_each_time_and_all_match);
    CASE(altered_csrf_tokens_do_not_match);
    FILE_CASE(a_missing_key_is_made_once);
    FILE_CASE(a_wrong_key_file_is_refused_and_kept);
    FILE_CASE(a_key_that_others_may_read_is_refused);
    CASE(a_key_that_cannot_be_made_says_where);
    CASE(passwords_match_themselves_alone);
    CASE(passwords_take_their_memory_one_at_a_time_and_give_it_back);
    return g_test_run();
}
