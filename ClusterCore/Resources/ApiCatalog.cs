using System.IO.Compression;
using Flotilla.ClusterCore.Resources.Facts;

namespace Flotilla.ClusterCore.Resources;

/// <summary>The facts of the Kubernetes API: resources, types, OpenAPI definitions, bootstrapped roles. Types decode when first asked for.</summary>
public sealed class ApiCatalog
{
    private static readonly Lazy<ApiCatalog> Loaded = new(static () => new ApiCatalog(FactsReader.Open()));

    private readonly FactsReader facts;
    private readonly TypeReader types;
    private readonly Dictionary<string, ResourceInfo> byPlural = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceInfo> byKind = new(StringComparer.Ordinal);

    internal ApiCatalog(FactsReader facts)
    {
        this.facts = facts;
        types = new TypeReader(facts);
        Resources = ResourceReader.Read(facts);
        foreach (var resource in Resources)
        {
            byPlural.Add($"{resource.Group}/{resource.Version}/{resource.Plural}", resource);
            byKind.Add($"{resource.ApiVersion}/{resource.Kind}", resource);
        }
    }

    public static ApiCatalog Default => Loaded.Value;

    /// <summary>In the order of discovery.</summary>
    public IReadOnlyList<ResourceInfo> Resources { get; }

    /// <summary>Full names of all message types.</summary>
    public IEnumerable<string> TypeNames => types.Names;

    public ResourceInfo? Resource(string group, string version, string plural) => byPlural.GetValueOrDefault($"{group}/{version}/{plural}");

    public ResourceInfo? ResourceOfKind(string apiVersion, string kind) => byKind.GetValueOrDefault($"{apiVersion}/{kind}");

    /// <param name="fullName">The protobuf full name: k8s.io.api.core.v1.PodSpec.</param>
    public TypeSchema? Type(string fullName) => types.Find(fullName);

    /// <summary>The type of a kind; kinds of meta/v1 (Status, DeleteOptions, …) are there in every group and version.</summary>
    public TypeSchema? TypeOf(string apiVersion, string kind) =>
        Type($"{Package(apiVersion)}.{kind}") ?? Type($"k8s.io.apimachinery.pkg.apis.meta.v1.{kind}");

    /// <summary>OpenAPI v2 definitions as one JSON object, unpacked anew each time: a quarter of a megabyte that few clients ask for.</summary>
    public byte[] OpenApiDefinitions() => Unpack(facts.OpenApi);

    /// <summary>JSON: {clusterroles, clusterrolebindings, namespaced}, each a list.</summary>
    public byte[] RbacDefaults() => Unpack(facts.Rbac);

    private static string Package(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/');
        if (slash < 0)
        {
            return $"k8s.io.api.core.{apiVersion}";
        }

        var (group, version) = (apiVersion[..slash], apiVersion[(slash + 1)..]);
        return group switch
        {
            "apiextensions.k8s.io" => $"k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.{version}",
            "apiregistration.k8s.io" => $"k8s.io.kube_aggregator.pkg.apis.apiregistration.{version}",
            "metrics.k8s.io" => $"k8s.io.metrics.pkg.apis.metrics.{version}",
            "meta.k8s.io" => $"k8s.io.apimachinery.pkg.apis.meta.{version}",
            _ => $"k8s.io.api.{group.Split('.')[0]}.{version}",
        };
    }

    private static byte[] Unpack(ReadOnlyMemory<byte> packed)
    {
        using var source = new MemoryStream(packed.ToArray());
        using var brotli = new BrotliStream(source, CompressionMode.Decompress);
        using var whole = new MemoryStream();
        brotli.CopyTo(whole);
        return whole.ToArray();
    }
}
