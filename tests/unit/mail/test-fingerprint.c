/* test-fingerprint.c - the same message by two ways has one fingerprint; two messages have two. */
#include "mail/fingerprint.h"

#include <string.h>

#define HEAD "From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: prova\r\n"
#define BODY "\r\nciao\r\n\r\nAda\r\n"

static char *fingerprint_of(const char *text, gsize piece)
{
    g_autoptr(Fingerprint) fingerprint = fingerprint_new();
    gsize length = strlen(text);
    for (gsize at = 0; at < length; at += piece)
        fingerprint_feed(fingerprint, text + at, MIN(piece, length - at));
    return g_strdup(fingerprint_text(fingerprint));
}

typedef struct {
    const char *one, *other;
    gboolean same;
} Pair;

static const Pair pairs[] = {
    {HEAD BODY, HEAD BODY, TRUE},
    {HEAD BODY, "From: a@b.example\nMessage-ID: <1@b.example>\nSubject: prova\n\nciao\n\nAda\n",
     TRUE},
    {HEAD BODY, HEAD "\r\nciao\r\n\r\nAda", TRUE},
    {HEAD BODY, HEAD "\r\nciao\r\n\r\nAda\r\n\r\n", TRUE},
    {HEAD BODY, "Return-Path: <a@b.example>\r\nDelivered-To: u+x@c.example\r\n" HEAD BODY, TRUE},
    {HEAD BODY,
     "Received: from x by y;\r\n\tFri, 20 Nov 2026 17:31:00 +0100\r\nX-Spam-Status: No\r\n" HEAD
     "RECEIVED : from z\r\n continued\r\n\tand more\r\n" BODY,
     TRUE},
    {HEAD BODY, "From a@b.example Fri Nov 20 17:31:00 2026\n" HEAD BODY, TRUE},
    {HEAD BODY, HEAD "X-Other: 1\r\n" BODY, FALSE},
    {HEAD BODY, HEAD "\r\nciao\r\nAda\r\n", FALSE},
    {HEAD BODY, HEAD "\r\nciao\r\n\r\nAda!\r\n", FALSE},
    {HEAD BODY, HEAD "\r\nReceived: not a header\r\nciao\r\n\r\nAda\r\n", FALSE},
    {HEAD BODY, HEAD "\r\nciao\r\r\n\r\nAda\r\n", FALSE},
    {HEAD BODY, "From: a@b.example\r\nMessage-ID: <2@b.example>\r\nSubject: prova\r\n" BODY, FALSE},
    /* what has no identity of its own keeps that of its way */
    {"Received: one\r\nSubject: fax\r\n\r\nx\r\n", "Received: two\r\nSubject: fax\r\n\r\nx\r\n",
     FALSE},
    {"Received: one\r\nSubject: fax\r\n\r\nx\r\n", "Received: one\nSubject: fax\n\nx\n", TRUE},
    {"Received: one\r\nDate: d\r\n\r\nx\r\n", "Received: two\r\nDate: d\r\n\r\nx\r\n", TRUE},
    {"", "\r\n", TRUE},
    {"", "x", FALSE},
    {"Subject: a", "Subject: a\r\n", TRUE},
    {"Subject: a\r", "Subject: a", FALSE},
    {"Received: a\r\n b", "Received: a\r\n c", FALSE},
};

static void tells_messages_apart_and_ways_not(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *one = fingerprint_of(pairs[i].one, 1000);
        g_autofree char *other = fingerprint_of(pairs[i].other, 1000);
        g_assert_cmpuint(strlen(one), ==, 64);
        if (g_str_equal(one, other) != pairs[i].same)
            g_error("pair %" G_GSIZE_FORMAT, i);
    }
}

static void does_not_depend_on_the_pieces(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
        for (gsize piece = 1; piece < 60; piece++) {
            g_autofree char *whole = fingerprint_of(pairs[i].other, 100000);
            g_autofree char *cut = fingerprint_of(pairs[i].other, piece);
            g_assert_cmpstr(cut, ==, whole);
        }
}

static void is_sha_256_of_what_is_left(void)
{
    g_autofree char *digest = fingerprint_of("Received: x\r\nDate: d\r\n\r\nciao\r\n", 7);
    g_autofree char *expected =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, "Date: d\n\nciao", -1);
    g_assert_cmpstr(digest, ==, expected);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/fingerprint/tells_messages_apart_and_ways_not",
                    tells_messages_apart_and_ways_not);
    g_test_add_func("/mail/fingerprint/does_not_depend_on_the_pieces",
                    does_not_depend_on_the_pieces);
    g_test_add_func("/mail/fingerprint/is_sha_256_of_what_is_left", is_sha_256_of_what_is_left);
    return g_test_run();
}
