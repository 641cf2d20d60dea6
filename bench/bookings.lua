-- wrk: posts one booking after the other. BENCH_REQUESTS names a file of lines "path <tab> cookie <tab> body".
local lines = {}
for line in io.lines(os.getenv("BENCH_REQUESTS")) do lines[#lines + 1] = line end
local next_line = 0

function request()
  next_line = next_line + 1
  local path, cookie, body = string.match(lines[(next_line - 1) % #lines + 1], "^(.-)\t(.-)\t(.*)$")
  return wrk.format("POST", path, {
    ["Cookie"] = cookie,
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }, body)
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"duration_us":%d,"refused":%d,"lost":%d,"p50_us":%d,"p99_us":%d,"prepared":%d}\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), #lines))
end
