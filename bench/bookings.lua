-- wrk: posts one booking after the other. BENCH_REQUESTS names a file of lines "path <tab> cookie <tab> body".
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init()
  lines = {}
  next_line = 0
  others = 0 -- answers that are not 303
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do lines[#lines + 1] = line end
end

function request()
  next_line = next_line + 1
  local path, cookie, body = string.match(lines[(next_line - 1) % #lines + 1], "^(.-)\t(.-)\t(.*)$")
  return wrk.format("POST", path, {
    ["Cookie"] = cookie,
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }, body)
end

function response(status)
  if status ~= 303 then others = others + 1 end
end

function done(summary, latency)
  local others, sent = 0, 0
  for _, thread in ipairs(threads) do
    others = others + thread:get("others")
    sent = sent + thread:get("next_line")
  end
  io.write(string.format('{"requests":%d,"duration_us":%d,"others":%d,"lost":%d,"p50_us":%d,"p99_us":%d,"sent":%d}\n',
    summary.requests, summary.duration, others,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), sent))
end
