using System.Collections.Concurrent;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>What the server counts about its requests, its watches and its store.</summary>
internal sealed class ServerMetrics(ServedResources resources)
{
    private readonly ConcurrentDictionary<RequestLabels, RequestSeries> requests = new();
    private readonly ConcurrentDictionary<(string Operation, GroupResource Type), RequestSeries> store = new();
    private readonly ConcurrentDictionary<GroupResource, long> watchEvents = new();
    private readonly ConcurrentDictionary<GroupResource, long> evictedWatchers = new();

    public IEnumerable<KeyValuePair<RequestLabels, RequestSeries>> Requests => requests;

    public IEnumerable<KeyValuePair<(string Operation, GroupResource Type), RequestSeries>> Store => store;

    public IEnumerable<KeyValuePair<GroupResource, long>> WatchEvents => watchEvents;

    public IEnumerable<KeyValuePair<GroupResource, long>> EvictedWatchers => evictedWatchers;

    public RequestSeries Of(RequestInfo info, string method) => requests.GetOrAdd(LabelsOf(info, method), static _ => new());

    public RequestSeries OfStore(string operation, GroupResource type) => store.GetOrAdd((operation, type), static _ => new());

    public void CountWatchEvents(GroupResource resource, int events) => watchEvents.AddOrUpdate(resource, events, (_, sum) => sum + events);

    public void CountEviction(GroupResource resource) => evictedWatchers.AddOrUpdate(resource, 1, static (_, sum) => sum + 1);

    /// <summary>Only what is served becomes a label: whatever else a client may write into a path would be kept for ever.</summary>
    private RequestLabels LabelsOf(RequestInfo info, string method)
    {
        var resource = info.IsResourceRequest ? resources.Find(info.Group, info.Version, info.Resource) : null;
        if (resource is null) { return new("", "", "", "", VerbOf(info, method), ""); }
        var subresource = resource.Subresource(info.Subresource) is null ? "" : info.Subresource;
        var scope = info.Name.Length > 0 ? "resource" : info.Namespace.Length > 0 ? "namespace" : "cluster";
        return new(info.Group, info.Resource, scope, subresource, VerbOf(info, method), info.Version);
    }

    private static string VerbOf(RequestInfo info, string method) => info switch
    {
        { Subresource: "exec" or "attach" or "portforward" or "proxy" } => "CONNECT",
        { Verb: "list" } => "LIST",
        { Verb: "watch" } => "WATCH",
        { Verb: "deletecollection" } => "DELETECOLLECTION",
        _ => method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" ? method : "other",
    };
}
