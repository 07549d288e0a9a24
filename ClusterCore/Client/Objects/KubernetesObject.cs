using System.Text.Json.Serialization;

namespace Flotilla.ClusterCore.Client.Objects;

/// <summary>What every object of the API has. The views under it hold only what some part of Flotilla reads.</summary>
public abstract record KubernetesObject
{
    public string? ApiVersion { get; set; }
    public string? Kind { get; set; }
    public ObjectMeta Metadata { get; set; } = new();

    [JsonIgnore]
    public NamespacedName Key => new(Metadata.Namespace, Metadata.Name);

    /// <summary>The owner reference marked as the controller, of which there is at most one.</summary>
    public OwnerReference? ControllerOwner()
    {
        foreach (var owner in Metadata.OwnerReferences ?? [])
        {
            if (owner.Controller == true)
            {
                return owner;
            }
        }
        return null;
    }
}

/// <summary>An object of which only the metadata is wanted, as <c>PartialObjectMetadata</c> on the wire.</summary>
public sealed record PartialObject : KubernetesObject;
