using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>
/// The cluster addresses: ServiceCIDR objects say which there are, and for each one taken there is an IPAddress object that names
/// its Service. Making that object is what takes an address, so several servers over one store never give out the same.
/// </summary>
internal sealed class ServiceAddresses(WatchFeed feed, ObjectStore objects, TimeProvider clock)
{
    private const string Networking = "networking.k8s.io";
    private static readonly GroupResource networks = new(Networking, "servicecidrs");
    private static readonly GroupResource addresses = new(Networking, "ipaddresses");
    private static readonly ResourceInfo resource = ApiCatalog.Default.Resource(Networking, "v1", "ipaddresses")!;

    public bool Contains(IPAddress address) => Networks().Any(network => network.Contains(address));

    public async ValueTask<bool> TryTakeAsync(IPAddress address, JsonObject service, CancellationToken cancellationToken) =>
        await objects.CreateAsync(KeyOf(address), Describe(address, service), 0, cancellationToken) is not null;

    /// <summary>Null when every network is full.</summary>
    public async ValueTask<IPAddress?> TakeAnyAsync(JsonObject service, CancellationToken cancellationToken)
    {
        foreach (var candidate in Networks().SelectMany(Candidates))
        {
            if (IsFree(candidate) && await TryTakeAsync(candidate, service, cancellationToken)) { return candidate; }
        }

        return null;
    }

    /// <summary>What <see cref="TakeAnyAsync"/> might take: for dry runs.</summary>
    public IPAddress? FindFree() => Networks().SelectMany(Candidates).FirstOrDefault(IsFree);

    public bool IsFree(IPAddress address) => feed.Of(addresses).Find("", address.ToString()) is null;

    public async ValueTask GiveBackAsync(IPAddress address, CancellationToken cancellationToken)
    {
        if (await objects.GetAsync(KeyOf(address), cancellationToken) is { } stored)
        {
            _ = await objects.DeleteAsync(KeyOf(address), stored.Revision, cancellationToken);
        }
    }

    /// <summary>An object for every address a Service has, and for no other: what a crash between two writes left behind is put right.</summary>
    public async Task RepairAsync(IReadOnlyCollection<JsonObject> services, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            foreach (var address in Of(service)) { owners[address.ToString()] = service; }
        }

        foreach (var (text, service) in owners)
        {
            if (feed.Of(addresses).Find("", text) is null) { _ = await TryTakeAsync(IPAddress.Parse(text), service, cancellationToken); }
        }

        foreach (var entry in feed.Of(addresses).List("").Entries)
        {
            if (!owners.ContainsKey(entry.Name) && IsOfService(entry)) { await GiveBackAsync(IPAddress.Parse(entry.Name), cancellationToken); }
        }
    }

    public static IEnumerable<IPAddress> Of(JsonObject service) =>
        (service["spec"]?["clusterIPs"] as JsonArray ?? []).Select(one => IPAddress.TryParse(one?.ToString(), out var address) ? address : null).OfType<IPAddress>();

    private static bool IsOfService(CacheEntry entry) => entry.Index.Field("spec.parentRef.resource") == "services";

    /// <summary>A network on its way out gives no more addresses; those it gave stay.</summary>
    private IEnumerable<IPNetwork> Networks() => feed.Of(networks).List("").Entries
        .Select(entry => entry.Parse())
        .Where(network => !ObjectMeta.IsDeleting(network))
        .SelectMany(network => network["spec"]?["cidrs"] as JsonArray ?? [])
        .Select(text => IPNetwork.TryParse(text?.ToString() ?? "", out var network) ? network : default)
        .Where(network => network != default);

    /// <summary>
    /// In the order they are tried, from a random one on. The low part is kept for those who ask for a certain address: others
    /// are taken from the high part first, as upstream does.
    /// </summary>
    private static IEnumerable<IPAddress> Candidates(IPNetwork network)
    {
        var bits = (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) - network.PrefixLength;
        var last = (1 << Math.Min(20, bits)) - 1;
        var low = Math.Min(Math.Clamp((last + 1) / 16, 16, 256), last);
        return From(low, last).Concat(From(1, low)).Select(index => ServerNames.ServiceAddress(network, index));
    }

    private static IEnumerable<int> From(int first, int end)
    {
        var count = end - first;
        var start = count > 0 ? Random.Shared.Next(count) : 0;
        for (var i = 0; i < count; i++) { yield return first + ((start + i) % count); }
    }

    private static StoreKey KeyOf(IPAddress address) => new(addresses, "", address.ToString());

    private JsonObject Describe(IPAddress address, JsonObject service)
    {
        var obj = new JsonObject
        {
            ["kind"] = "IPAddress",
            ["apiVersion"] = $"{Networking}/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = address.ToString(),
                ["labels"] = new JsonObject
                {
                    ["ipaddress.kubernetes.io/ip-family"] = address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6",
                    ["ipaddress.kubernetes.io/managed-by"] = "ipallocator.k8s.io",
                },
            },
            ["spec"] = new JsonObject
            {
                ["parentRef"] = new JsonObject
                {
                    ["group"] = "",
                    ["resource"] = "services",
                    ["namespace"] = ObjectMeta.Namespace(service),
                    ["name"] = ObjectMeta.Name(service),
                },
            },
        };
        Preparation.ForCreate(resource, obj, clock.GetUtcNow());
        return obj;
    }
}
