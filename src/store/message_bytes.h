/* message_bytes.h - between message.c and message_bytes.c. Used inside src/store only. */
#pragma once
#include "store/message.h"

bool message_bytes_store(Db *db, const MessageArrival *arrival, GError **error);
/* Records the attachments (Attachment *) and cuts the pieces at their borders. */
bool message_bytes_split(Db *db, gint64 message_id, const GPtrArray *attachments, GError **error);
GPtrArray *attachment_list_for_message(Db *db, gint64 message_id, GError **error);
