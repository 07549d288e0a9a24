using System.Diagnostics;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary><c>/metrics</c>, under the names that dashboards and alerts for kube-apiserver ask for.</summary>
internal sealed class MetricsHandler(ServerMetrics metrics, InflightLimit inflight, WatchFeed feed)
{
    private const string Component = "component=\"apiserver\"";

    public Task HandleAsync(ApiRequest request)
    {
        var text = new MetricsText();
        WriteRequests(text);
        WriteWatches(text);
        WriteStore(text);
        WriteProcess(text);
        return Answer.BytesAsync(request.Http, System.Text.Encoding.UTF8.GetBytes(text.ToString()), MetricsText.ContentType);
    }

    private void WriteRequests(MetricsText text)
    {
        const string Total = "apiserver_request_total", Duration = "apiserver_request_duration_seconds", Long = "apiserver_longrunning_requests";
        var series = metrics.Requests.ToArray();
        text.Family(Total, "counter", "Requests by code.");
        foreach (var (labels, requests) in series)
        {
            foreach (var (code, count) in requests.Codes()) { text.Sample(Total, $"code=\"{code}\",{Component},dry_run=\"\",{labels}", count); }
        }

        text.Family(Duration, "histogram", "Seconds from a request to the end of its answer; without those that last.");
        foreach (var (labels, requests) in series.Where(static one => !Lasts(one.Key))) { requests.WriteDurations(text, Duration, $"{Component},dry_run=\"\",{labels}"); }
        text.Family(Long, "gauge", "Watches and streams that are open.");
        foreach (var (labels, requests) in series.Where(static one => Lasts(one.Key))) { text.Sample(Long, $"{Component},{labels}", requests.Running); }
        const string Inflight = "apiserver_current_inflight_requests";
        text.Family(Inflight, "gauge", "Requests that are worked on, without those that last.");
        text.Sample(Inflight, "request_kind=\"mutating\"", inflight.Writing);
        text.Sample(Inflight, "request_kind=\"readOnly\"", inflight.Reading);
    }

    private void WriteWatches(MetricsText text)
    {
        text.Family("apiserver_watch_events_total", "counter", "Events sent to watchers.");
        foreach (var (resource, count) in metrics.WatchEvents) { text.Sample("apiserver_watch_events_total", Labels(resource), count); }
        text.Family("apiserver_terminated_watchers_total", "counter", "Watches ended because their client did not keep up.");
        foreach (var (resource, count) in metrics.EvictedWatchers) { text.Sample("apiserver_terminated_watchers_total", Labels(resource), count); }
    }

    private void WriteStore(MetricsText text)
    {
        const string Duration = "etcd_request_duration_seconds", Total = "etcd_requests_total";
        var series = metrics.Store.ToArray();
        text.Family("apiserver_storage_objects", "gauge", "Objects that are stored.");
        foreach (var (resource, count) in feed.Counts()) { text.Sample("apiserver_storage_objects", $"resource=\"{resource}\"", count); }
        text.Family(Total, "counter", "Requests to the store.");
        foreach (var (key, requests) in series) { text.Sample(Total, $"operation=\"{key.Operation}\",type=\"{key.Type}\"", requests.Codes().Sum(static code => code.Value)); }
        text.Family(Duration, "histogram", "Seconds the store took.");
        foreach (var (key, requests) in series) { requests.WriteDurations(text, Duration, $"operation=\"{key.Operation}\",type=\"{key.Type}\""); }
    }

    private static void WriteProcess(MetricsText text)
    {
        using var process = Process.GetCurrentProcess();
        text.Single("process_cpu_seconds_total", "counter", "CPU time, user and system.", process.TotalProcessorTime.TotalSeconds);
        text.Single("process_resident_memory_bytes", "gauge", "Resident memory.", process.WorkingSet64);
        text.Single("process_virtual_memory_bytes", "gauge", "Virtual memory.", process.VirtualMemorySize64);
        text.Single("process_open_fds", "gauge", "Open files.", Directory.EnumerateFiles("/proc/self/fd").Count());
        text.Single("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        text.Family("kubernetes_build_info", "gauge", "What runs.").Sample(
            "kubernetes_build_info", $"git_version=\"{HealthHandler.KubernetesVersion}+flotilla\",major=\"1\",minor=\"36\",platform=\"linux/amd64\"", 1);
    }

    private static bool Lasts(RequestLabels labels) => labels.Verb is "WATCH" or "CONNECT";

    private static string Labels(GroupResource resource) => $"group=\"{resource.Group}\",resource=\"{resource.Resource}\"";
}
