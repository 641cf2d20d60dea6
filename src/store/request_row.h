/* request_row.h - between request.c and request_list.c. Used inside src/store only. */
#pragma once

extern const char *const request_source_names[];
