-- wrk: the same page again and again; prints what happened as JSON.
function done(summary, latency)
  io.write(string.format('{"requests":%d,"duration_us":%d,"bytes":%d,"refused":%d,"lost":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, summary.bytes, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
