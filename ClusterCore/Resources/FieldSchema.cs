using System.Text.Json;

namespace Flotilla.ClusterCore.Resources;

/// <summary>A named member of an object.</summary>
public sealed class FieldSchema
{
    private readonly Func<ISchema>? resolve;
    private ISchema? value;

    public FieldSchema(string name, ISchema value) => (Name, this.value, Utf8Name) = (name, value, JsonEncodedText.Encode(name));

    /// <param name="resolve">Types refer to one another in circles, so a field finds its value's schema when first asked.</param>
    internal FieldSchema(string name, Func<ISchema> resolve) => (Name, this.resolve, Utf8Name) = (name, resolve, JsonEncodedText.Encode(name));

    public string Name { get; }

    public JsonEncodedText Utf8Name { get; }

    /// <summary>The protobuf field number; 0 where there is none (apiVersion, kind, custom resources).</summary>
    public int Number { get; init; }

    public ISchema Value => value ??= resolve!();

    public bool Pointer { get; init; }

    public bool OmitEmpty { get; init; }

    public bool Optional { get; init; }

    public bool Required { get; init; }

    public bool Nullable { get; init; }

    /// <summary>The field overrides what its type says about being owned as a whole.</summary>
    public bool? AtomicHere { get; init; }

    public bool Atomic => AtomicHere ?? Value.Atomic;

    /// <summary>merge, replace, retainKeys or merge,retainKeys.</summary>
    public string? PatchStrategy { get; init; }

    public bool RetainKeys => PatchStrategy?.Contains("retainKeys", StringComparison.Ordinal) == true;

    public bool Merge => PatchStrategy?.StartsWith("merge", StringComparison.Ordinal) == true;

    public string? PatchMergeKey { get; init; }

    /// <summary>The declared default as a JSON literal.</summary>
    public string? Default { get; init; }

    public IReadOnlyList<string> Enum { get; init; } = [];

    public string? FeatureGate { get; init; }

    public IReadOnlyList<string> Validation { get; init; } = [];
}
