/* log.h - lines for operators: key=value, no personal data.
 *
 * The code logs through GLib (g_warning, g_message, g_info, g_debug) with texts such as
 * "event=letter_sent letter=12"; this file only says where they go and which are wanted.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* "error", "warning", "info" (g_message and g_info), "debug": lines of that level and above go to
 * stderr, one each, with an RFC 3339 time in front. False for another word. */
bool log_open(const char *level);
