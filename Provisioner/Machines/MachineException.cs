namespace Flotilla.Provisioner.Machines;

/// <summary>The machine refused something; the message says what, why and what an operator can do.</summary>
public sealed class MachineException(string message, Exception? innerException = null) : Exception(message, innerException);
