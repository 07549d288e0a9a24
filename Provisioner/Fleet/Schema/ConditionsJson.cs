using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Flotilla.Provisioner.Fleet.Schema;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<ClusterCondition>))]
internal sealed partial class ConditionsJson : JsonSerializerContext
{
    public static ValueConverter<List<ClusterCondition>, string> Converter { get; } = new(
        conditions => JsonSerializer.Serialize(conditions, Default!.ListClusterCondition),
        json => JsonSerializer.Deserialize(json, Default!.ListClusterCondition) ?? new());

    public static ValueComparer<List<ClusterCondition>> Comparer { get; } = new(
        (left, right) => (left ?? new()).SequenceEqual(right ?? new()),
        conditions => (conditions ?? new()).Aggregate(0, (hash, condition) => HashCode.Combine(hash, condition)),
        conditions => (conditions ?? new()).ToList());
}
