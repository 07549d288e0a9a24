namespace Flotilla.ClusterCore.Resources;

/// <summary>A served resource: built in, or made by a custom resource definition.</summary>
public sealed record ResourceInfo(
    string Group, string Version, string Kind, string Plural, string Singular, bool Namespaced,
    IReadOnlyList<string> Verbs, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories,
    IReadOnlyList<SubresourceInfo> Subresources, IReadOnlyList<ColumnInfo> Columns)
{
    private ISchema? schema;

    /// <summary>group/version, or the version alone in the core group.</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>deployments.apps, or the plural alone in the core group: how messages name a resource.</summary>
    public string GroupResource { get; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string ListKind => Kind + "List";

    /// <summary>What objects of this resource look like; for a custom resource set by whoever serves it.</summary>
    public ISchema Schema
    {
        get => schema ??= (ISchema?)ApiCatalog.Default.TypeOf(ApiVersion, Kind) ?? ScalarSchema.Any;
        init => schema = value;
    }

    public SubresourceInfo? Subresource(string name) => Subresources.FirstOrDefault(subresource => subresource.Name == name);
}

/// <param name="Group">Of the subresource's own kind; empty with an empty version: the resource's.</param>
public sealed record SubresourceInfo(string Name, string Kind, string Group, string Version, IReadOnlyList<string> Verbs);

/// <param name="Format">name, or empty.</param>
/// <param name="Priority">0 is always shown, higher only in wide output.</param>
public sealed record ColumnInfo(string Name, string Type, string Format, int Priority);
