// The system's libuv, as Swift sees it. Only Loop/ and Transport/ of SluiceCore import this module.
#pragma once
#include <uv.h>
