/* names.h - the enums' names as the database holds them, ended by NULL. Used inside src/store only.
 */
#pragma once

extern const char *const request_state_names[];
extern const char *const appointment_state_names[];
extern const char *const actor_kind_names[];
extern const char *const answered_how_names[];
