// The system's c-ares, as Swift sees it. Only Transport/ of SluiceCore imports this module.
#pragma once
#include <ares.h>

// Macros in c-ares 1.18, cases of an enumeration in later releases: here, the same to Swift.
static const int ccares_success = ARES_SUCCESS;
static const int ccares_destruction = ARES_EDESTRUCTION;
static const int ccares_no_data = ARES_ENODATA;
static const int ccares_not_initialized = ARES_ENOTINITIALIZED;
