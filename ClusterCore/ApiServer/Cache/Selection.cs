using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>Which objects of a resource a list or watch is about.</summary>
/// <param name="Name">Empty: all. Set by <c>fieldSelector=metadata.name=x</c> too.</param>
internal sealed record Selection(string Namespace, string Name, LabelSelector? Labels, FieldSelector? Fields)
{
    public static readonly Selection All = new("", "", null, null);

    public bool HasSelector => Labels is not null || Fields is not null;

    public bool Matches(CacheEntry entry) =>
        (Namespace.Length == 0 || entry.Namespace == Namespace)
        && (Name.Length == 0 || entry.Name == Name)
        && (Labels is null || Labels.Matches(entry.Index.Labels))
        && (Fields is null || Fields.Matches(path => FieldValue(entry, path)));

    private static string FieldValue(CacheEntry entry, string path) => path switch
    {
        "metadata.name" => entry.Name,
        "metadata.namespace" => entry.Namespace,
        _ => SelectableField.ValueOf(entry.Index, path),
    };
}
