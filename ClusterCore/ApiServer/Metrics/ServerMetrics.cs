using System.Collections.Concurrent;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>What the server counts about its requests, its watches and its store.</summary>
internal sealed class ServerMetrics(ServedResources resources)
{
    private readonly ConcurrentDictionary<RequestLabels, RequestSeries> requests = new();
    private readonly ConcurrentDictionary<(string Operation, GroupResource Type), RequestSeries> store = new();
    private readonly ConcurrentDictionary<(GroupResource Resource, string Version), WatchSeries> watches = new();
    private readonly ConcurrentDictionary<(string Name, string Type, string Operation, bool Rejected), SharedHistogram> webhooks = new();
    private readonly ConcurrentDictionary<GroupResource, long> evictedWatchers = new();

    public IEnumerable<KeyValuePair<RequestLabels, RequestSeries>> Requests => requests;

    public IEnumerable<KeyValuePair<(string Operation, GroupResource Type), RequestSeries>> Store => store;

    public IEnumerable<KeyValuePair<(GroupResource Resource, string Version), WatchSeries>> Watches => watches;

    public IEnumerable<KeyValuePair<(string Name, string Type, string Operation, bool Rejected), SharedHistogram>> Webhooks => webhooks;

    public IEnumerable<KeyValuePair<GroupResource, long>> EvictedWatchers => evictedWatchers;

    /// <summary>How long client certificates that were shown had still to go.</summary>
    public SharedHistogram Certificates { get; } = SharedHistogram.OfAges();

    public RequestSeries Of(RequestInfo info, HttpRequest request) => requests.GetOrAdd(LabelsOf(info, request), static _ => new());

    public RequestSeries OfStore(string operation, GroupResource type) => store.GetOrAdd((operation, type), static _ => new());

    public WatchSeries OfWatches(Scope scope) => watches.GetOrAdd((scope.GroupResource, scope.Resource.Version), static _ => new());

    /// <param name="type"><c>admit</c> or <c>validating</c>.</param>
    public SharedHistogram OfWebhook(string name, string type, string operation, bool rejected) =>
        webhooks.GetOrAdd((name, type, operation, rejected), static _ => SharedHistogram.OfCalls());

    public void CountEviction(GroupResource resource) => evictedWatchers.AddOrUpdate(resource, 1, static (_, sum) => sum + 1);

    /// <summary>Only what is served becomes a label: whatever else a client may write into a path would be kept for ever.</summary>
    private RequestLabels LabelsOf(RequestInfo info, HttpRequest request)
    {
        var (resource, dryRun) = (info.IsResourceRequest ? resources.Find(info.Group, info.Version, info.Resource) : null, DryRunOf(request));
        if (resource is null) { return new(dryRun, "", "", "", "", VerbOf(info, request), ""); }
        var subresource = resource.Subresource(info.Subresource) is null ? "" : info.Subresource;
        var scope = info.Name.Length > 0 || info.Verb == "create" ? "resource" : info.Namespace.Length > 0 ? "namespace" : "cluster";
        return new(dryRun, info.Group, info.Resource, scope, subresource, VerbOf(info, request), info.Version);
    }

    private static string DryRunOf(HttpRequest request)
    {
        if (!request.Query.TryGetValue("dryRun", out var values)) { return ""; }
        return values.All(static value => value == "All") ? "All" : "invalid";
    }

    private static string VerbOf(RequestInfo info, HttpRequest request) => info switch
    {
        { Subresource: "exec" or "attach" or "portforward" or "proxy" } => "CONNECT",
        { Verb: "list" } => "LIST",
        { Verb: "watch" } => "WATCH",
        { Verb: "deletecollection" } => "DELETECOLLECTION",
        { Verb: "patch" } when request.ContentType == "application/apply-patch+yaml" => "APPLY",
        // To Prometheus HEAD is GET.
        _ when HttpMethods.IsHead(request.Method) => "GET",
        _ => request.Method is "GET" or "POST" or "PUT" or "PATCH" or "DELETE" ? request.Method : "other",
    };
}
