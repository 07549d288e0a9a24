using System.Diagnostics;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;

namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary><c>/metrics</c>, under the names that dashboards and alerts for kube-apiserver ask for.</summary>
internal sealed class MetricsHandler(ServerMetrics metrics, InflightLimit inflight, WatchFeed feed, IStore store)
{
    private const string Component = "component=\"apiserver\"";

    public Task HandleAsync(ApiRequest request)
    {
        var text = new MetricsText();
        WriteRequests(text);
        WriteWatches(text);
        WriteAdmission(text);
        WriteStore(text);
        WriteProcess(text);
        return Answer.BytesAsync(request.Http, System.Text.Encoding.UTF8.GetBytes(text.ToString()), MetricsText.ContentType);
    }

    private void WriteRequests(MetricsText text)
    {
        const string Total = "apiserver_request_total", Duration = "apiserver_request_duration_seconds", Sli = "apiserver_request_sli_duration_seconds", Long = "apiserver_longrunning_requests";
        var series = metrics.Requests.ToArray();
        text.Family(Total, "counter", "Requests by code.");
        foreach (var (labels, requests) in series)
        {
            foreach (var (code, count) in requests.Codes()) { text.Sample(Total, $"code=\"{code}\",{Component},dry_run=\"{labels.DryRun}\",{labels}", count); }
        }

        text.Family(Duration, "histogram", "Seconds from a request to the end of its answer; without those that last.");
        foreach (var (labels, requests) in series.Where(static one => !Lasts(one.Key))) { requests.WriteDurations(text, Duration, $"{Component},dry_run=\"{labels.DryRun}\",{labels}"); }
        text.Family(Sli, "histogram", "The same for service levels: dry runs and others together.");
        foreach (var same in series.Where(static one => !Lasts(one.Key)).GroupBy(static one => one.Key with { DryRun = "" }, static one => one.Value))
        {
            text.Histogram(Sli, $"{Component},{same.Key}", RequestSeries.DurationsOf(same));
        }

        text.Family(Long, "gauge", "Watches and streams that are open.");
        foreach (var same in series.Where(static one => Lasts(one.Key)).GroupBy(static one => one.Key with { DryRun = "" }, static one => one.Value))
        {
            text.Sample(Long, $"{Component},{same.Key}", same.Sum(static one => one.Running));
        }

        const string Inflight = "apiserver_current_inflight_requests";
        text.Family(Inflight, "gauge", "Requests that are worked on, without those that last.");
        text.Sample(Inflight, "request_kind=\"mutating\"", inflight.Writing);
        text.Sample(Inflight, "request_kind=\"readOnly\"", inflight.Reading);
    }

    private void WriteWatches(MetricsText text)
    {
        const string Total = "apiserver_watch_events_total", Sizes = "apiserver_watch_events_sizes";
        var series = metrics.Watches.ToArray();
        text.Family(Total, "counter", "Events sent to watchers.");
        foreach (var (key, watches) in series) { text.Sample(Total, $"{Labels(key.Resource)},version=\"{key.Version}\"", watches.Events); }
        text.Family(Sizes, "histogram", "Their sizes in bytes.");
        foreach (var (key, watches) in series) { watches.WriteSizes(text, Sizes, $"{Labels(key.Resource)},version=\"{key.Version}\""); }
        text.Family("apiserver_terminated_watchers_total", "counter", "Watches ended because their client did not keep up.");
        foreach (var (resource, count) in metrics.EvictedWatchers) { text.Sample("apiserver_terminated_watchers_total", Labels(resource), count); }
    }

    private void WriteAdmission(MetricsText text)
    {
        const string Duration = "apiserver_admission_webhook_admission_duration_seconds", Certificates = "apiserver_client_certificate_expiration_seconds";
        text.Family(Duration, "histogram", "Seconds that webhooks took.");
        foreach (var (key, calls) in metrics.Webhooks)
        {
            calls.Write(text, Duration, $"name=\"{key.Name}\",operation=\"{key.Operation}\",rejected=\"{(key.Rejected ? "true" : "false")}\",type=\"{key.Type}\"");
        }

        text.Family(Certificates, "histogram", "Seconds that the client certificates of requests had still to go.");
        metrics.Certificates.Write(text, Certificates, "");
    }

    private void WriteStore(MetricsText text)
    {
        const string Duration = "etcd_request_duration_seconds", Total = "etcd_requests_total";
        var series = metrics.Store.ToArray();
        text.Family("apiserver_storage_objects", "gauge", "Objects that are stored.");
        foreach (var (resource, count) in feed.Counts()) { text.Sample("apiserver_storage_objects", $"resource=\"{resource}\"", count); }
        text.Family("apiserver_resource_objects", "gauge", "The same, group and resource apart.");
        foreach (var (resource, count) in feed.Counts()) { text.Sample("apiserver_resource_objects", Labels(resource), count); }
        if (store is EmbeddedStore { DiskBytes: var bytes })
        {
            text.Family("apiserver_storage_size_bytes", "gauge", "The store's files.").Sample("apiserver_storage_size_bytes", "storage_cluster_id=\"etcd-0\"", bytes);
        }

        text.Family(Total, "counter", "Requests to the store.");
        foreach (var (key, requests) in series) { text.Sample(Total, StoreLabels(key), requests.Codes().Sum(static code => code.Value)); }
        text.Family(Duration, "histogram", "Seconds the store took.");
        foreach (var (key, requests) in series) { requests.WriteDurations(text, Duration, StoreLabels(key)); }
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

    private static string StoreLabels((string Operation, GroupResource Type) key) => $"group=\"{key.Type.Group}\",operation=\"{key.Operation}\",resource=\"{key.Type.Resource}\"";

    private static string Labels(GroupResource resource) => $"group=\"{resource.Group}\",resource=\"{resource.Resource}\"";
}
