using System.Text.Json.Serialization;

namespace Flotilla.Portal.Contracts;

/// <summary>How every body of the REST API is written and read, on both sides.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(NewProject))]
[JsonSerializable(typeof(IReadOnlyList<ProjectView>))]
[JsonSerializable(typeof(ProjectView))]
[JsonSerializable(typeof(NewCluster))]
[JsonSerializable(typeof(ClusterScale))]
[JsonSerializable(typeof(IReadOnlyList<ClusterView>))]
[JsonSerializable(typeof(IReadOnlyList<NodeView>))]
[JsonSerializable(typeof(IReadOnlyList<OperationView>))]
[JsonSerializable(typeof(NewAlertChannel))]
[JsonSerializable(typeof(CreatedAlertChannel))]
[JsonSerializable(typeof(IReadOnlyList<AlertChannelView>))]
[JsonSerializable(typeof(IReadOnlyList<DeliveryView>))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(CreatedToken))]
[JsonSerializable(typeof(IReadOnlyList<TokenView>))]
[JsonSerializable(typeof(IReadOnlyList<AuditView>))]
[JsonSerializable(typeof(IReadOnlyList<MachineView>))]
public sealed partial class PortalJson : JsonSerializerContext;
